"""Keys and client certificates for the cluster, made with openssl."""

import subprocess

DAYS = "2"


class ClientAuthority:
    """A certificate authority in `folder`; the API server believes the names that it signs."""

    def __init__(self, folder):
        self.folder = folder
        self.certificate = folder / "client-ca.crt"
        self.key("client-ca")
        self._openssl("req", "-x509", "-new", "-key", "client-ca.key", "-subj", "/CN=copse-test-client-ca", "-days", DAYS,
                      "-out", "client-ca.crt")

    def key(self, name):
        """Makes `name`.key, readable for its owner alone."""
        self._openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", f"{name}.key")
        (self.folder / f"{name}.key").chmod(0o600)

    def client(self, user):
        """Certificate and key (PEM) with which `user` may log in, as a kubeconfig's user wants them."""
        self.key(user)
        self._openssl("req", "-new", "-key", f"{user}.key", "-subj", f"/CN={user}", "-out", f"{user}.csr")
        self._openssl("x509", "-req", "-in", f"{user}.csr", "-CA", "client-ca.crt", "-CAkey", "client-ca.key",
                      "-set_serial", "1", "-days", DAYS, "-out", f"{user}.crt")
        return {"certificate": (self.folder / f"{user}.crt").read_bytes(), "key": (self.folder / f"{user}.key").read_bytes()}

    def _openssl(self, *words):
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, stdin=subprocess.DEVNULL, capture_output=True)

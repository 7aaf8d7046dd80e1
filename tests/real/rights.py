"""The least rights with which copse runs tasks, and who has them: a user with a token and one with a certificate.

A suite that passes as one of these proves that nothing more is needed; deploy/ grants the same.
"""

NAMESPACE = "druid"
USER = "copse-runner"
CERTIFICATE_USER = "copse-certificate"

MANIFEST = f"""
apiVersion: v1
kind: Namespace
metadata: {{name: {NAMESPACE}}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {{name: copse, namespace: {NAMESPACE}}}
rules:
- {{apiGroups: [batch], resources: [jobs], verbs: [create, get, list, watch, delete]}}
- {{apiGroups: [""], resources: [pods], verbs: [get, list, watch]}}
- {{apiGroups: [""], resources: [pods/log], verbs: [get]}}
- {{apiGroups: [""], resources: [events], verbs: [list]}}
- {{apiGroups: [""], resources: [configmaps], verbs: [create, get]}}
- {{apiGroups: [coordination.k8s.io], resources: [leases], verbs: [create, get, update]}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{name: copse, namespace: {NAMESPACE}}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: copse}}
subjects:
- {{apiGroup: rbac.authorization.k8s.io, kind: User, name: {USER}}}
- {{apiGroup: rbac.authorization.k8s.io, kind: User, name: {CERTIFICATE_USER}}}
"""

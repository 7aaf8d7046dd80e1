import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Rules and tasks as `run` wrote them: type, dataSource, team and tier each; empty is any, or none. */
record Corpus(List<String[]> rules, List<String[]> tasks) {
  static Corpus read(String path) throws IOException {
    var corpus = new Corpus(new ArrayList<>(), new ArrayList<>());
    for (String line : Files.readAllLines(Path.of(path))) {
      String[] fields = line.split("\t", -1);
      String[] values = {fields[1], fields[2], fields[3], fields[4]};
      (fields[0].equals("rule") ? corpus.rules : corpus.tasks).add(values);
    }
    return corpus;
  }
}

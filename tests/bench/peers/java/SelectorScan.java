import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Druid's selection among copse's peers, re-created: a list of selectors that is streamed from its start; of each selector
 * tags first, then type and datasource, every condition a set. Of a selector only its number is kept.
 */
final class SelectorScan {
  record Task(String type, String dataSource, Map<String, Object> context) {}

  record Selector(int number, Map<String, Set<String>> tags, Set<String> types, Set<String> dataSources) {
    @SuppressWarnings("unchecked")
    boolean matches(Task task) {
      return tags.entrySet().stream()
              .allMatch(
                  condition -> {
                    var given = (Map<String, Object>) task.context.get("tags");
                    if (given == null || given.isEmpty()) {
                      return false;
                    }
                    Object value = given.get(condition.getKey());
                    return value != null && condition.getValue().contains((String) value);
                  })
          && (types.isEmpty() || types.contains(task.type))
          && (dataSources.isEmpty() || dataSources.contains(task.dataSource));
    }
  }

  public static void main(String[] arguments) throws IOException {
    Corpus corpus = Corpus.read(arguments[0]);
    List<Task> tasks = corpus.tasks().stream().map(SelectorScan::task).toList();
    var selectors = new java.util.ArrayList<Selector>();
    for (String[] rule : corpus.rules()) {
      selectors.add(selector(selectors.size(), rule));
    }
    Questions.answer(
        number -> {
          Task task = tasks.get(number);
          return selectors.stream()
              .filter(selector -> selector.matches(task))
              .findFirst()
              .map(Selector::number)
              .orElse(selectors.size());
        });
  }

  private static Selector selector(int number, String[] rule) {
    Map<String, Set<String>> tags = new HashMap<>();
    if (!rule[2].isEmpty()) {
      tags.put("team", set(rule[2]));
    }
    if (!rule[3].isEmpty()) {
      tags.put("tier", set(rule[3]));
    }
    return new Selector(number, tags, set(rule[0]), set(rule[1]));
  }

  private static Task task(String[] values) {
    Map<String, Object> tags = new HashMap<>();
    if (!values[2].isEmpty()) {
      tags.put("team", values[2]);
    }
    if (!values[3].isEmpty()) {
      tags.put("tier", values[3]);
    }
    return new Task(values[0], values[1], Map.of("tags", tags));
  }

  private static Set<String> set(String values) {
    return values.isEmpty() ? Set.of() : new java.util.HashSet<>(List.of(values.split(",")));
  }

  private SelectorScan() {}
}

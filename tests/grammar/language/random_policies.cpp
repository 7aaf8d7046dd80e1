#include "tests/grammar/language/random_policies.hpp"

namespace copse::tests {

std::string RandomPolicies::one_of(std::initializer_list<const char*> all) {
  return std::string(all.begin()[random_() % all.size()]);
}

std::string RandomPolicies::gap() {
  if (comments_ == Comments::none) return one_of({" ", " ", "  ", "\n", "\n\n\n  ", "\t"});
  return one_of({" ", " ", "  ", "\n", "\n\n\n  ", "\t", " # note\n", "\n# note  \n"});
}

std::string RandomPolicies::separator() {
  if (comments_ == Comments::none) return one_of({"; ", ";", "\n", " ;\n", "\n\n\n"});
  return one_of({"; ", ";", "\n", " ;\n", " # c\n", "\n\n\n"});
}

std::string RandomPolicies::leaf() {
  return one_of(
      {"has id", "type == \"a\"", "tags.t? != \"b\\u0041\\/\"", "(context.r else 0) > 1.5",
       "type in [\"a\", glob\"b*\"]", "dataSource in vip", "dataSource like re\"v\\.\\\"\\\\.*\"",
       "canary(\"s\", 5%)", "canary(\"s\", 0.5%, tags.\"a \\\"b\"?)", "within 22:00..06:00",
       "within 6:00..7:00 \"UTC\"", "on sat, sun", "on mon,tue \"UTC\"", "true",
       "context.a-b.c else 10m <= 007", "type in []", "payload >= 500m", "type == 22:00"});
}

std::string RandomPolicies::condition(int depth) {
  switch (depth > 3 ? 0 : random_() % 6) {
    case 1: {
      const std::string left = condition(depth + 1);
      const std::string between = gap();
      return left + between + "and " + condition(depth + 1);
    }
    case 2: {
      const std::string left = condition(depth + 1);
      const std::string between = gap();
      return left + " or" + between + condition(depth + 1);
    }
    case 3: {
      const std::string between = gap();
      return "not" + between + condition(depth + 1);
    }
    case 4: {
      const std::string before = gap();
      const std::string within = condition(depth + 1);
      return "(" + before + within + gap() + ")";
    }
    default:
      return leaf();
  }
}

std::string RandomPolicies::block() {
  std::string text = "{" + gap();
  for (std::size_t n = random_() % 4; n > 0; --n) {
    text += one_of({"template \"t\"", "template t", "runner k8s", "runner \"k8s\"", "cpu 2..4",
                    "memory 16Gi", "label \"a\" = tags.t else \"x\"", "tolerate \"k\": NoExecute",
                    "tolerate \"k\" = \"v\"", "use nvme", "env X = \"a\\tb\"",
                    "javaOpts \"-Xmx8g -Dsome.long.option=value -Dsome.longer.option=value\""});
    text += separator();
  }
  return text + "}";
}

std::string RandomPolicies::statement() {
  switch (random_() % 7) {
    case 0: {
      const std::string before = gap();
      const std::string within = gap();
      return "list" + before + "l =" + within + "[\"a\"," + gap() + "\"b\"]";
    }
    case 1: {
      const std::string before = gap();
      return "default" + before + block();
    }
    case 2:
      return "test \"t\" {" + gap() + "task {\"a\": \"}\"}\nexpect rule \"r\"; template \"t\"\n}";
    case 3:
      return one_of({"policy \"p\"", "templates from \"t\"", "allow override cpu, label",
                     "attribute a: integer = spec.\"x y\".z"});
    case 4: {
      const std::string before = gap();
      return "profile" + before + "nvme " + block();
    }
    default: {
      const std::string before = gap();
      const std::string when = condition(0);
      const std::string behind = gap();
      return "rule \"r\"" + before + "when " + when + behind + block();
    }
  }
}

std::string RandomPolicies::next() {
  std::string text;
  for (std::size_t n = random_() % 4 + 1; n > 0; --n) {
    text += statement();
    text +=
        comments_ == Comments::none ? one_of({"\n", "\n\n"}) : one_of({"\n", "\n\n", " # tail\n"});
  }
  return text;
}

}  // namespace copse::tests

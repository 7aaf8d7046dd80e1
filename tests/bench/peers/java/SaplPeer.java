import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sapl.api.interpreter.Val;
import io.sapl.api.pdp.AuthorizationDecision;
import io.sapl.api.pdp.AuthorizationSubscription;
import io.sapl.api.pdp.PolicyDecisionPoint;
import io.sapl.interpreter.DefaultSAPLInterpreter;
import io.sapl.interpreter.combinators.PolicyDocumentCombiningAlgorithm;
import io.sapl.interpreter.functions.AnnotationFunctionContext;
import io.sapl.interpreter.pip.AnnotationAttributeContext;
import io.sapl.pdp.EmbeddedPolicyDecisionPoint;
import io.sapl.pdp.PolicyDecisionPointFactory;
import io.sapl.pdp.config.PDPConfiguration;
import io.sapl.prp.PolicyRetrievalPoint;
import io.sapl.prp.PrpUpdateEvent;
import io.sapl.prp.PrpUpdateEvent.Type;
import io.sapl.prp.PrpUpdateEvent.Update;
import io.sapl.prp.index.canonical.CanonicalImmutableParsedDocumentIndex;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.StreamSupport;
import reactor.core.publisher.Flux;

/**
 * SAPL among copse's peers, in the two ways in which it can be asked: `set` is one policy set, first-applicable; `index` is a
 * document a rule under its canonical index, where the smallest number of those that permit wins.
 */
final class SaplPeer {
  private static final String[] ATTRIBUTES = {"type", "dataSource", "team", "tier"};

  public static void main(String[] arguments) throws Exception {
    Corpus corpus = Corpus.read(arguments[1]);
    List<String> policies = new ArrayList<>();
    for (String[] rule : corpus.rules()) {
      policies.add(policy(policies.size(), rule));
    }
    PolicyDecisionPoint point = arguments[0].equals("set") ? inOneSet(policies) : indexed(policies);
    List<AuthorizationSubscription> tasks = corpus.tasks().stream().map(SaplPeer::subscription).toList();
    Questions.answer(number -> ruleOf(point.decide(tasks.get(number)).blockFirst(), policies.size()));
  }

  private static int ruleOf(AuthorizationDecision decision, int otherwise) {
    return decision
        .getObligations()
        .map(numbers -> StreamSupport.stream(numbers.spliterator(), false).mapToInt(one -> one.asInt()).min().getAsInt())
        .orElse(otherwise);
  }

  private static String policy(int number, String[] rule) {
    List<String> tests = new ArrayList<>();
    for (int i = 0; i < ATTRIBUTES.length; ++i) {
      List<String> equal = new ArrayList<>();
      for (String text : rule[i].isEmpty() ? new String[0] : rule[i].split(",")) {
        equal.add("resource." + ATTRIBUTES[i] + " == \"" + text + "\"");
      }
      if (!equal.isEmpty()) {
        tests.add("(" + String.join(" | ", equal) + ")");
      }
    }
    return "policy \"" + number + "\" permit " + String.join(" & ", tests) + " obligation " + number;
  }

  private static AuthorizationSubscription subscription(String[] values) {
    ObjectNode resource = new ObjectMapper().createObjectNode();
    for (int i = 0; i < ATTRIBUTES.length; ++i) {
      if (!values[i].isEmpty()) {
        resource.put(ATTRIBUTES[i], values[i]);
      }
    }
    return AuthorizationSubscription.of("overlord", "place", resource);
  }

  private static PolicyDecisionPoint inOneSet(List<String> policies) throws Exception {
    String set = "set \"rules\" first-applicable\n" + String.join("\n", policies);
    return PolicyDecisionPointFactory.fixedInRamPolicyDecisionPoint(
        List.of(set), PolicyDocumentCombiningAlgorithm.PERMIT_OVERRIDES, Map.of());
  }

  private static PolicyDecisionPoint indexed(List<String> policies) {
    var interpreter = new DefaultSAPLInterpreter();
    Update[] updates =
        policies.stream()
            .map(policy -> new Update(Type.PUBLISH, interpreter.parseDocument(policy)))
            .toArray(Update[]::new);
    var attributes = new AnnotationAttributeContext();
    var functions = new AnnotationFunctionContext();
    PolicyRetrievalPoint index =
        new CanonicalImmutableParsedDocumentIndex(attributes, functions).apply(new PrpUpdateEvent(updates));
    Map<String, Val> variables = Map.of();
    var configuration =
        new PDPConfiguration(
            "indexed",
            attributes,
            functions,
            variables,
            PolicyDocumentCombiningAlgorithm.PERMIT_OVERRIDES,
            UnaryOperator.identity(),
            UnaryOperator.identity(),
            index);
    return new EmbeddedPolicyDecisionPoint(() -> Flux.just(configuration));
  }

  private SaplPeer() {}
}

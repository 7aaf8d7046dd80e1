//! Cedar among copse's peers: a policy a rule, the smallest number of those that permit wins.
//!
//!     cedar_peer CORPUS

use std::io::{BufRead, Write};
use std::str::FromStr;
use std::time::Instant;

use cedar_policy::{
    Authorizer, Context, Entities, EntityUid, Policy, PolicyId, PolicySet, Request,
    RestrictedExpression,
};

/// Paths of the context, in the order of the corpus' fields.
const ATTRIBUTES: [&str; 4] = ["type", "dataSource", "team", "tier"];

/// A rule as a Cedar policy; its number is the policy's id.
fn policy(number: usize, sets: &[&str]) -> Policy {
    let tests: Vec<String> = std::iter::zip(ATTRIBUTES, sets)
        .filter(|(_, set)| !set.is_empty())
        .map(|(attribute, set)| {
            let texts: Vec<String> = set.split(',').map(|text| format!("\"{text}\"")).collect();
            format!(
                "context has {attribute} && [{}].contains(context.{attribute})",
                texts.join(", ")
            )
        })
        .collect();
    let text = format!(
        "permit(principal, action, resource) when {{ {} }};",
        tests.join(" && ")
    );
    Policy::parse(Some(PolicyId::new(number.to_string())), text).expect("a policy")
}

fn request(values: &[&str]) -> Request {
    let pairs = std::iter::zip(ATTRIBUTES, values)
        .filter(|(_, value)| !value.is_empty())
        .map(|(attribute, value)| {
            (
                attribute.to_string(),
                RestrictedExpression::new_string(value.to_string()),
            )
        });
    let uid = |text| EntityUid::from_str(text).expect("an entity");
    let context = Context::from_pairs(pairs).expect("a context");
    Request::new(
        uid("Druid::\"overlord\""),
        uid("Action::\"place\""),
        uid("Task::\"task\""),
        context,
        None,
    )
    .expect("a request")
}

struct Peer {
    authorizer: Authorizer,
    policies: PolicySet,
    entities: Entities,
    requests: Vec<Request>,
    rules: usize,
}

impl Peer {
    fn read(path: &str) -> Peer {
        let corpus = std::fs::read_to_string(path).expect("a corpus");
        let mut policies = PolicySet::new();
        let mut requests = Vec::new();
        let mut rules = 0;
        for line in corpus.lines() {
            let fields: Vec<&str> = line.split('\t').collect();
            if fields[0] == "rule" {
                policies.add(policy(rules, &fields[1..])).expect("a new id");
                rules += 1;
            } else {
                requests.push(request(&fields[1..]));
            }
        }
        Peer {
            authorizer: Authorizer::new(),
            policies,
            entities: Entities::empty(),
            requests,
            rules,
        }
    }

    fn rule_of(&self, task: usize) -> usize {
        let response =
            self.authorizer
                .is_authorized(&self.requests[task], &self.policies, &self.entities);
        let permitting = response.diagnostics().reason();
        permitting
            .map(|id| AsRef::<str>::as_ref(id).parse().expect("a number"))
            .min()
            .unwrap_or(self.rules)
    }
}

fn main() {
    let peer = Peer::read(&std::env::args().nth(1).expect("cedar_peer CORPUS"));
    let mut out = std::io::stdout();
    writeln!(out, "ready").expect("a reader");
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("a question");
        let words: Vec<&str> = line.split(' ').collect();
        let tasks: usize = words[1].parse().expect("a number");
        if words[0] == "answer" {
            let answers: Vec<String> = (0..tasks)
                .map(|task| peer.rule_of(task).to_string())
                .collect();
            writeln!(out, "{}", answers.join(" ")).expect("a reader");
        } else {
            let rounds: usize = words[2].parse().expect("a number");
            let begin = Instant::now();
            let sum: usize = (0..rounds)
                .map(|_| (0..tasks).map(|task| peer.rule_of(task)).sum::<usize>())
                .sum();
            writeln!(out, "{} {sum}", begin.elapsed().as_nanos()).expect("a reader");
        }
    }
}

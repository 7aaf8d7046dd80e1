import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Answers what `run` asks until it asks no more. */
final class Questions {
  /** `decide` gives the number of the rule that takes the task of a number. */
  static void answer(IntUnaryOperator decide) throws IOException {
    System.out.println("ready");
    var in = new BufferedReader(new InputStreamReader(System.in));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ");
      int tasks = Integer.parseInt(words[1]);
      if (words[0].equals("answer")) {
        System.out.println(
            IntStream.range(0, tasks).map(decide).mapToObj(String::valueOf).collect(Collectors.joining(" ")));
      } else {
        time(decide, tasks, Integer.parseInt(words[2]));
      }
    }
  }

  private static void time(IntUnaryOperator decide, int tasks, int rounds) {
    long sum = 0;
    long begin = System.nanoTime();
    for (int round = 0; round < rounds; ++round) {
      for (int task = 0; task < tasks; ++task) {
        sum += decide.applyAsInt(task);
      }
    }
    System.out.println(System.nanoTime() - begin + " " + sum);
  }

  private Questions() {}
}

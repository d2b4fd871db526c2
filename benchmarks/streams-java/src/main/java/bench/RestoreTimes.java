// Says on standard output how long the restore of all stores took, from the first to begin to the last to end.
package bench;

import java.util.HashSet;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StateRestoreListener;

final class RestoreTimes implements StateRestoreListener {
  private final Set<TopicPartition> running = new HashSet<>();
  private long began;
  private long rows;

  @Override
  public synchronized void onRestoreStart(TopicPartition partition, String store, long from, long to) {
    if (began == 0) began = System.nanoTime();
    running.add(partition);
  }

  @Override
  public void onBatchRestored(TopicPartition partition, String store, long end, long count) {}

  @Override
  public synchronized void onRestoreEnd(TopicPartition partition, String store, long total) {
    rows += total;
    running.remove(partition);
    if (running.isEmpty())
      System.out.printf("restored %d rows in %.3f s%n", rows, (System.nanoTime() - began) / 1e9);
  }
}

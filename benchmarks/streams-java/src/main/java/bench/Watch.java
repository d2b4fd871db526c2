// The job: validate, drop duplicates if asked, keep count, total and largest per vendor, say what is unusual.
package bench;

import java.math.BigDecimal;
import java.time.Duration;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

final class Watch implements Processor<String, byte[], String, byte[]> {
  static final String VENDORS = "vendors";
  static final String SEEN = "seen";
  static final String ALERTS = "alerts";
  static final String DEAD_LETTERS = "dead-letters";
  private static final long WINDOW_MS = Duration.ofDays(7).toMillis();

  /** What is kept of a vendor. Amounts in cents. */
  record Vendor(long count, long total, long largest) {}

  private final Job job;
  private ProcessorContext<String, byte[]> context;
  private KeyValueStore<String, Vendor> vendors;
  private KeyValueStore<String, Long> seen;

  Watch(Job job) {
    this.job = job;
  }

  @Override
  public void init(ProcessorContext<String, byte[]> context) {
    this.context = context;
    vendors = context.getStateStore(VENDORS);
    if (job.dropDuplicates()) {
      seen = context.getStateStore(SEEN);
      context.schedule(Duration.ofHours(1), PunctuationType.STREAM_TIME, this::forget);
    }
  }

  @Override
  public void process(Record<String, byte[]> record) {
    RecordMetadata where = context.recordMetadata().orElseThrow();
    Invoice.Envelope event;
    try {
      event = Invoice.read(record.value());
      if (!event.subject().equals(record.key())) throw new Invoice.Unreadable("subject: it is not the key");
    } catch (Invoice.Unreadable error) {
      record.headers().add("__connect.errors.exception.message", error.getMessage().getBytes());
      context.forward(record, DEAD_LETTERS);
      return;
    }
    if (job.dropDuplicates()) {
      String id = event.source() + " " + event.id();
      if (seen.get(id) != null) return;
      seen.put(id, record.timestamp());
    }
    apply(record, event, where);
  }

  private void apply(Record<String, byte[]> record, Invoice.Envelope event, RecordMetadata where) {
    Vendor before = vendors.get(record.key());
    if (before == null) before = new Vendor(0, 0, 0);
    long cents = event.data().amount().amount().multiply(BigDecimal.valueOf(100)).longValue();
    vendors.put(record.key(), new Vendor(before.count + 1, before.total + cents, Math.max(before.largest, cents)));
    if (before.count < job.after() || cents * before.count <= job.factor() * before.total) return;
    byte[] alert = Alert.unusual(
        event, job.factor(), before.count, record.timestamp(), where.topic(), where.partition(), where.offset());
    context.forward(record.withValue(alert), ALERTS);
  }

  /** Ids outside the window. */
  private void forget(long now) {
    try (KeyValueIterator<String, Long> all = seen.all()) {
      while (all.hasNext()) {
        KeyValue<String, Long> id = all.next();
        if (id.value < now - WINDOW_MS) seen.delete(id.key);
      }
    }
  }
}

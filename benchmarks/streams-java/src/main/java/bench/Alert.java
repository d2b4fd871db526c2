// The alert as benchmarks/alerting.py makes it: the same JSON fields.
package bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import java.time.Instant;
import java.util.List;
import java.util.Map;

final class Alert {
  private static final ObjectMapper JSON = new ObjectMapper();

  record Envelope(
      String specversion, String id, String source, String type, String subject, String time,
      String dataschema, String causationid, Data data) {}

  @JsonNaming(SnakeCaseStrategy.class)
  record Data(
      String rule, int ruleVersion, Map<String, String> identity, Map<String, String> labels, String severity,
      String summary, Map<String, String> annotations, String startsAt, String due, List<Evidence> evidence) {}

  record Evidence(String topic, int partition, long offset, String id) {}

  private Alert() {}

  static byte[] unusual(Invoice.Envelope event, int factor, long count, long atMs, String topic, int partition, long offset) {
    String at = Instant.ofEpochMilli(atMs).toString();
    Invoice.Data data = event.data();
    String currency = data.amount().currency() == null ? "EUR" : data.amount().currency();
    Data said = new Data(
        "accounting.unusual_amount", 1,
        Map.of("invoice", data.invoice()),
        Map.of("invoice", data.invoice(), "currency", currency),
        "warning",
        "Invoice " + data.number() + " is more than " + factor + " times the mean of the " + count + " before",
        Map.of(), at, null,
        List.of(new Evidence(topic, partition, offset, event.id())));
    Envelope envelope = new Envelope(
        "1.0", partition + "-" + offset + "-1", "/benchmarks/kafka-streams", "alerting.condition.fired",
        event.subject(), at, "urn:backoffice:alerting.condition.fired:1", event.id(), said);
    try {
      return JSON.writeValueAsBytes(envelope);
    } catch (JsonProcessingException error) {
      throw new IllegalStateException("an alert cannot be written", error);
    }
  }
}

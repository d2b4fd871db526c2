// An accounting.invoice.received event and every check that schemas/accounting.py makes of it.
package bench;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;

final class Invoice {
  static final String TYPE = "accounting.invoice.received";

  @JsonIgnoreProperties(ignoreUnknown = true)
  record Envelope(
      String specversion, String id, String source, String type, String subject, String time,
      String causationid, String correlationid, String traceparent, Data data) {}

  @JsonIgnoreProperties(ignoreUnknown = true)
  record Data(
      String invoice, String number, Money amount,
      @JsonProperty("issued_on") String issuedOn, @JsonProperty("due_on") String dueOn,
      String order, List<Line> lines, @JsonProperty("recorded_by") String recordedBy) {}

  @JsonIgnoreProperties(ignoreUnknown = true)
  record Money(BigDecimal amount, String currency) {}

  @JsonIgnoreProperties(ignoreUnknown = true)
  record Line(String line, BigDecimal quantity, Money value) {}

  /** What is not an event of this kind, and why. */
  static final class Unreadable extends Exception {
    Unreadable(String message) {
      super(message, null, false, false); // no stack trace: it is not an accident, and costs time
    }
  }

  /** Strict as the Python side: text is not read from numbers; amounts are, and from text. */
  private static final ObjectReader READER =
      JsonMapper.builder()
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .withCoercionConfig(LogicalType.Float, c -> c.setCoercion(CoercionInputShape.String, CoercionAction.TryConvert))
          .withCoercionConfig(LogicalType.Textual, c -> {
            c.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail);
            c.setCoercion(CoercionInputShape.Float, CoercionAction.Fail);
            c.setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
          })
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build()
          .readerFor(Envelope.class);

  private Invoice() {}

  static Envelope read(byte[] value) throws Unreadable {
    if (value == null || value.length == 0) throw new Unreadable("the record has no value");
    Envelope envelope;
    try {
      envelope = READER.readValue(value);
    } catch (IOException error) {
      throw new Unreadable(String.valueOf(error.getMessage()));
    }
    if (envelope == null) throw new Unreadable("event: not an object");
    check(envelope);
    return envelope;
  }

  private static void check(Envelope e) throws Unreadable {
    require("1.0".equals(e.specversion), "specversion");
    require(TYPE.equals(e.type), "type");
    text(e.id, 500, "id");
    text(e.source, 500, "source");
    require(e.subject != null && e.subject.startsWith("vendor/") && e.subject.length() > 7
        && printable(e.subject), "subject");
    instant(e.time);
    require(e.data != null, "data");
    check(e.data);
  }

  private static void check(Data d) throws Unreadable {
    id(d.invoice, "invoice");
    text(d.number, 100, "number");
    money(d.amount, "amount");
    require(d.issuedOn != null, "issued_on");
    date(d.issuedOn, "issued_on");
    if (d.dueOn != null) date(d.dueOn, "due_on");
    if (d.order != null) id(d.order, "order");
    if (d.recordedBy != null) id(d.recordedBy, "recorded_by");
    if (d.lines == null) return;
    require(d.lines.size() <= 1000, "lines");
    for (Line line : d.lines) {
      require(line != null, "lines");
      id(line.line, "lines.line");
      money(line.value, "lines.value");
      if (line.quantity != null) decimal(line.quantity, 6, "lines.quantity");
    }
  }

  private static void money(Money money, String field) throws Unreadable {
    require(money != null && money.amount != null, field);
    decimal(money.amount, 4, field);
    if (money.currency == null) return; // EUR
    boolean letters = money.currency.length() == 3;
    for (int i = 0; letters && i < 3; i++) {
      char c = money.currency.charAt(i);
      letters = c >= 'A' && c <= 'Z';
    }
    require(letters, field + ".currency");
  }

  /** At most 18 digits, so many of them behind the point. */
  private static void decimal(BigDecimal value, int places, String field) throws Unreadable {
    require(value.scale() <= places && value.precision() <= 18, field);
  }

  /** RFC 3339 with an offset. */
  private static void instant(String time) throws Unreadable {
    require(time != null, "time");
    try {
      OffsetDateTime.parse(time);
    } catch (DateTimeParseException error) {
      throw new Unreadable("time: a date and time with an offset is wanted");
    }
  }

  private static void date(String date, String field) throws Unreadable {
    try {
      LocalDate.parse(date);
    } catch (DateTimeParseException error) {
      throw new Unreadable(field + ": not a date");
    }
  }

  private static void id(String id, String field) throws Unreadable {
    text(id, 200, field);
    char first = id.charAt(0);
    require(first != '/' && !Character.isWhitespace(first) && printable(id), field);
  }

  private static void text(String text, int most, String field) throws Unreadable {
    require(text != null && !text.isEmpty() && text.length() <= most, field);
  }

  private static boolean printable(String text) {
    for (int i = 0; i < text.length(); i++) if (text.charAt(i) < ' ') return false;
    return true;
  }

  private static void require(boolean holds, String field) throws Unreadable {
    if (!holds) throw new Unreadable(field + ": not as it must be");
  }
}

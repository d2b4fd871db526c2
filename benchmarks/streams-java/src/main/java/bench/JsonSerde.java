// State rows as JSON, as Kafka Streams programs commonly keep them.
package bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.io.IOException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

final class JsonSerde<T> implements Serde<T> {
  private static final ObjectMapper JSON = new ObjectMapper();
  private final ObjectReader reader;
  private final ObjectWriter writer;

  JsonSerde(Class<T> type) {
    reader = JSON.readerFor(type);
    writer = JSON.writerFor(type);
  }

  @Override
  public Serializer<T> serializer() {
    return (topic, row) -> {
      try {
        return row == null ? null : writer.writeValueAsBytes(row);
      } catch (IOException error) {
        throw new SerializationException(topic, error);
      }
    };
  }

  @Override
  public Deserializer<T> deserializer() {
    return (topic, bytes) -> {
      try {
        return bytes == null ? null : reader.readValue(bytes);
      } catch (IOException error) {
        throw new SerializationException(topic, error);
      }
    };
  }
}

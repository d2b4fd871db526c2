// The Kafka Streams contender: one stream thread, state in memory with a changelog, other settings at their defaults.
package bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

public final class Main {
  private Main() {}

  public static void main(String[] arguments) throws Exception {
    System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
    Job job = new ObjectMapper().readValue(arguments[0], Job.class);
    KafkaStreams streams = new KafkaStreams(topology(job), settings(job));
    AtomicBoolean failed = new AtomicBoolean();
    CountDownLatch ended = new CountDownLatch(1);
    streams.setUncaughtExceptionHandler(error -> {
      error.printStackTrace();
      failed.set(true);
      ended.countDown();
      return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    });
    streams.setGlobalStateRestoreListener(new RestoreTimes());
    streams.setStateListener((now, before) -> System.out.println("state " + now));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(Duration.ofSeconds(20))));
    streams.start();
    ended.await();
    System.exit(failed.get() ? 1 : 0);
  }

  private static Topology topology(Job job) {
    boolean remember = job.shape().equals("remember");
    Topology topology = new Topology();
    topology.addSource("inbox", Serdes.String().deserializer(), Serdes.ByteArray().deserializer(), job.inbox());
    if (remember) {
      topology.addProcessor("job", Remember::new, "inbox");
      topology.addStateStore(store(Watch.VENDORS, new JsonSerde<>(Remember.LastInvoice.class)), "job");
      return topology;
    }
    topology.addProcessor("job", () -> new Watch(job), "inbox");
    topology.addStateStore(store(Watch.VENDORS, new JsonSerde<>(Watch.Vendor.class)), "job");
    if (job.dropDuplicates()) topology.addStateStore(store(Watch.SEEN, Serdes.Long()), "job");
    topology.addSink(Watch.ALERTS, job.alerts(), Serdes.String().serializer(), Serdes.ByteArray().serializer(), "job");
    topology.addSink(
        Watch.DEAD_LETTERS, job.deadLetters(), Serdes.String().serializer(), Serdes.ByteArray().serializer(), "job");
    return topology;
  }

  /** In memory, with a changelog, and with the record cache, which the DSL has by default and which helps it here. */
  private static <V> StoreBuilder<KeyValueStore<String, V>> store(String name, Serde<V> rows) {
    return Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(name), Serdes.String(), rows).withCachingEnabled();
  }

  private static Properties settings(Job job) {
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, job.run());
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, job.bootstrap());
    settings.put(StreamsConfig.STATE_DIR_CONFIG, job.workDir());
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, job.guarantee());
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put("internal.leave.group.on.close", true); // or a restart waits for the session of the one before
    if (job.commitIntervalMs() != null)
      settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, job.commitIntervalMs());
    return settings;
  }
}

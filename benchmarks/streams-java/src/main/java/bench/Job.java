// The job as benchmarks/job.py writes it.
package bench;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;

@JsonIgnoreProperties(ignoreUnknown = true)
record Job(
    String bootstrap,
    String run,
    String inbox,
    String alerts,
    @JsonProperty("dead_letters") String deadLetters,
    @JsonProperty("work_dir") String workDir,
    String guarantee,
    @JsonProperty("commit_interval_ms") Integer commitIntervalMs,
    @JsonProperty("drop_duplicates") boolean dropDuplicates,
    String shape,
    int factor,
    int after) {}

"""RocksDB's options for state: small memory, shared by all directories of a process; checksums everywhere."""

from rocksdict import (
    BlockBasedIndexType,
    BlockBasedOptions,
    Cache,
    DataBlockIndexType,
    DBCompressionType,
    DBRecoveryMode,
    Options,
)
from rocksdict import WriteBufferManager as WriteBuffers

MEMORY = 256 * 1024 * 1024
WRITE_BUFFER = 8 * 1024 * 1024
"""What one directory gathers in memory before it writes a file, in bytes; its log takes as much room on the disk."""

MEBIBYTE = 1024 * 1024


class Memory:
    """What all directories of a process share, so that many partitions take no more than few."""

    def __init__(self, total: int = MEMORY) -> None:
        """`total`: bytes for blocks read, their indexes and filters, and rows not yet written to a file."""
        self.cache = Cache(total)
        self.buffers = WriteBuffers.new_write_buffer_manager_with_cache(total // 4, False, self.cache)


def options(memory: Memory) -> Options:
    """For point look-ups, most of which find nothing (seen ids), and few scans; defaults would take 2 GiB a directory.

    Recovery stops at the first damaged record of the write-ahead log: what is left is what once was committed.
    """
    made = Options(raw_mode=True)
    made.create_if_missing(True)
    made.set_block_based_table_factory(_tables(memory))
    made.set_write_buffer_manager(memory.buffers)
    made.set_write_buffer_size(WRITE_BUFFER)
    made.set_arena_block_size(64 * 1024)  # a megabyte each, many idle partitions would fill the buffers with nothing
    made.set_level_zero_slowdown_writes_trigger(40)
    made.set_level_zero_stop_writes_trigger(80)  # a write that waits holds up the lanes of all partitions
    made.set_compression_type(DBCompressionType.lz4())
    made.set_bottommost_compression_type(DBCompressionType.zstd())
    made.set_level_compaction_dynamic_level_bytes(True)
    made.set_max_background_jobs(2)
    made.set_target_file_size_base(32 * MEBIBYTE)
    made.set_max_open_files(256)
    made.set_wal_recovery_mode(DBRecoveryMode.point_in_time())
    made.set_paranoid_checks(True)
    made.set_bytes_per_sync(MEBIBYTE)  # else the first flush to the disk stalls everything
    made.set_manifest_preallocation_size(64 * 1024)
    made.set_keep_log_file_num(2)
    made.set_max_log_file_size(MEBIBYTE)
    made.set_stats_dump_period_sec(0)
    made.set_stats_persist_period_sec(0)
    return made


def _tables(memory: Memory) -> BlockBasedOptions:
    """Indexes and bloom filters lie in the shared cache, too: 10 bits a key find 99 % of what is not there.

    In parts: whole, those of a large file take megabytes, and push one another out of the cache's shards.
    """
    tables = BlockBasedOptions()
    tables.set_block_cache(memory.cache)
    tables.set_block_size(8 * 1024)
    tables.set_bloom_filter(10, False)
    tables.set_cache_index_and_filter_blocks(True)
    tables.set_index_type(BlockBasedIndexType.two_level_index_search())
    tables.set_partition_filters(True)
    tables.set_metadata_block_size(8 * 1024)
    tables.set_pin_top_level_index_and_filter(True)
    tables.set_pin_l0_filter_and_index_blocks_in_cache(True)
    tables.set_data_block_index_type(DataBlockIndexType.binary_and_hash())
    tables.set_format_version(5)
    return tables

// For the restore: each vendor's last invoice, a row of about 200 bytes.
package bench;

import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

final class Remember implements Processor<String, byte[], String, byte[]> {
  /** As `LastInvoice` in contenders/backoffice_worker.py. */
  record LastInvoice(
      String invoice, String number, long cents, String issued_on, String due_on, String order, String recorded_by,
      String note) {}

  private KeyValueStore<String, LastInvoice> vendors;

  @Override
  public void init(ProcessorContext<String, byte[]> context) {
    vendors = context.getStateStore(Watch.VENDORS);
  }

  @Override
  public void process(Record<String, byte[]> record) {
    try {
      Invoice.Envelope event = Invoice.read(record.value());
      Invoice.Data data = event.data();
      long cents = data.amount().amount().movePointRight(2).longValue();
      String note = "of " + event.subject() + ", " + data.lines().size() + " lines";
      vendors.put(record.key(), new LastInvoice(
          data.invoice(), data.number(), cents, data.issuedOn(), data.dueOn(), data.order(), data.recordedBy(), note));
    } catch (Invoice.Unreadable error) {
      throw new IllegalStateException("this input has no invalid events", error);
    }
  }
}

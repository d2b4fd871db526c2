"""The shop floor's reports: summed per order."""

from dataclasses import replace

from processors.departments.manufacturing.order import Tally
from processors.departments.manufacturing.settings import ManufacturingSettings
from schemas.manufacturing import WorkReported


def counted(tally: Tally, report: WorkReported, settings: ManufacturingSettings) -> Tally:
    """The sums with one more report. An order's pieces are counted anew at each operation."""
    final, packing = report.operation in settings.final_inspections, report.operation in settings.packings
    starts = [time for time in (tally.first_start, report.started_at) if time]
    ends = [time for time in (tally.last_end, report.completed_at) if time]
    return replace(
        tally,
        productions=tally.productions + (report.report == "production"),
        setups=tally.setups + (report.report == "setup"),
        breakdowns=tally.breakdowns + (report.report == "breakdown"),
        completed=tally.completed + report.completed,
        rejected=tally.rejected + report.rejected,
        for_review=tally.for_review + report.for_review,
        reworks=tally.reworks + report.rework,
        final_reports=tally.final_reports + final,
        final_counted=tally.final_counted + (report.completed + report.rejected if final else 0),
        final_rejected=tally.final_rejected + (report.rejected if final else 0),
        packings=tally.packings + packing,
        packed=tally.packed + (report.completed if packing else 0),
        first_start=min(starts, default=None),
        last_end=max(ends, default=None),
    )

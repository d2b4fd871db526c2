"""The incident log's columns, as its header has them."""

HEADER = (
    "source_row,number,incident_state,priority,opened_at,sys_updated_at,reassignment_count,reopen_count,sys_mod_count,"
    "made_sla,category,subcategory,location,assignment_group,assigned_to,caused_by,problem_id,vendor,resolved_at,"
    "closed_at,closed_code"
)
COLUMNS = tuple(HEADER.split(","))

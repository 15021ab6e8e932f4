"""The subsidy: what each site is due a year and why, payments in batches, receipts, and the sheet for the clerk."""

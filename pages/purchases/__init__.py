"""Orders of the workspace, their receipts, and the test gateway's payment page."""

"""Step 2, own: every contact that shows something going wrong gets one accountable department and a clock."""

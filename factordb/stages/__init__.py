"""The main path: intake → appraise → review → release (报送 → 评估 → 反馈/采纳 → 发布/更新)."""

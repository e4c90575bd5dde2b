"""The workspace: model presets, prompts, and what people think of answers."""

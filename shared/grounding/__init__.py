"""What an answer is drawn from: files, knowledge, chats, pages, memories; found, and put into the prompt with numbers.

- `attachments`: what clients name, read.
- `looking`: what of it there is, and the person may read.
- `asking`: which searches find what the question needs.
- `searching`: the passages that are found.
- `numbering`: passages as numbered sources, in the prompt and for the screen.
- `grounding`: all of it in order, with what the person is told meanwhile.
"""

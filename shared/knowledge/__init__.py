"""Knowledge bases, who may read them and what is in them; memories of people; what a search may answer with.

- `items`: knowledge bases.
- `membership`: the files in them.
- `access`: who may read a collection, and which entries of it count (`readable`, `current`).
- `collections`: what else has been made searchable, and for whom.
- `deletion`: how all of it goes.
- `memories`, `recall`: what people want models to know of them, and what of it bears on a question.
"""

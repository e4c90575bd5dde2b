"""Prints the quality of the search, and fails when both ways together find less than one of them alone."""

import sys

from tests.eval.measure import NDCG_AT, RECALL_AT, measured, passages, questions


def main() -> int:
    """The exit status: 1 when hybrid search loses."""
    found = measured()
    print(f"{len(passages())} passages, {len(questions())} questions; all-MiniLM-L6-v2 in eight bits")
    print(f"{'':18}{f'recall@{RECALL_AT}':>10}{f'nDCG@{NDCG_AT}':>10}")
    for name, quality in found.items():
        print(f"{name:18}{quality.recall:>10.3f}{quality.ndcg:>10.3f}")
    hybrid = found["hybrid"]
    lost = [
        name for name in ("lexical", "vector") if hybrid.recall < found[name].recall or hybrid.ndcg < found[name].ndcg
    ]
    if lost:
        print(f"Hybrid search loses to: {', '.join(lost)}.")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())

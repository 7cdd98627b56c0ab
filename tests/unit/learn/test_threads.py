"""What is learnt does not depend on the number of threads that a machine or its owner sets."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from threadpoolctl import threadpool_info, threadpool_limits

from chalicelib.learn.logistic import logistic


class Watched(sparse.csr_matrix):
    """A matrix that notes how many threads were allowed when it was multiplied."""

    seen: set[int] = set()  # noqa: RUF012  (of the class, as its copies are watched too)

    def __matmul__(self, other):
        self.seen.update(pool["num_threads"] for pool in threadpool_info())
        return super().__matmul__(other)


def test_sums_are_made_by_one_thread():
    truth = np.array([[True], [False], [True]])
    with threadpool_limits(2):
        logistic(Watched(np.eye(3)), truth, np.ones(3, np.float32), 20.0)
    assert Watched.seen == {1}

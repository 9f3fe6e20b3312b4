"""How the trace of a server is read."""

from tests.crash.fsyncs import Trace, before_each_answer

LINES = """\
11 recvfrom(9, "POST /api/v1/patients/ HT"..., 8192, 0, NULL, NULL) = 512
12 fdatasync(7 <unfinished ...>
11 recvfrom(9, 0x7f2, 8192, 0, NULL, NULL) = -1 EAGAIN (Resource temporarily unavailable)
12 <... fdatasync resumed>) = 0
12 fsync(8) = 0
11 sendto(9, "HTTP/1.1 201 Created\\r\\nSe"..., 700, 0, NULL, 0) = 700
12 fsync(8) = 0
11 recvfrom(9, "GET /api/v1/patients/ HTT"..., 8192, 0, NULL, NULL) = 400
11 sendto(9, "HTTP/1.1 200 OK\\r\\nServer"..., 700, 0, NULL, 0) = 700
11 recvfrom(9, "PATCH /api/v1/patients/1/ "..., 8192, 0, NULL, NULL) = 512
11 sendto(9, "HTTP/1.1 200 OK\\r\\nServer"..., 700, 0, NULL, 0 <unfinished ...>
12 fdatasync(7) = 0
11 <... sendto resumed>) = 700
11 recvfrom(9, "POST /api/v1/patients/ HT"..., 8192, 0, NULL, NULL) = 512
12 fdatasync(7) = -1 EIO (Input/output error)
11 sendto(9, "HTTP/1.1 201 Created\\r\\nSe"..., 700, 0, NULL, 0) = 700
"""


def test_only_completed_fsyncs_before_the_answer_count(tmp_path):
    (tmp_path / "trace").write_text(LINES)
    assert before_each_answer(Trace([], tmp_path / "trace").events()) == [2, 0, 0]

"""A Kapacitor UDF as a child process, for one piece of a stream: options, state, points, output.

``udf_pb2`` is generated from the SDK's own ``udf.proto``; ``run.sh`` does that.
"""

import subprocess
import threading

import udf_pb2 as proto


class UdfError(RuntimeError):
    """The UDF has failed, or refuses its options or its state; the text says why, in its own words."""


def run(command, options, snapshot, points):
    """Hands points to a UDF and returns what it sends for them, and its state behind them.

    ``command`` is a list: the program and its arguments. ``options`` has a pair for each call, its name and
    its value. ``snapshot`` is what an earlier call has returned, or empty. A UDF that wants batches gets none here.

    The output of the UDF's end (``on_stop``) is left out, since the stream goes on in another process.
    """
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            session = _Session(process)
            session.begin(options, snapshot)
            return session.handle(points)
        finally:
            # It has answered all that counts.
            process.kill()


class _Session:
    def __init__(self, process):
        self.process = process

    def begin(self, options, snapshot):
        self._send([proto.Request(info=proto.InfoRequest())])
        declared = self._answer("info").options
        calls = [_option(name, value, declared) for name, value in options]
        self._send([proto.Request(init=proto.InitRequest(options=calls, taskID="spark", nodeID="udf"))])
        init = self._answer("init")
        if not init.success:
            raise UdfError(f"the UDF refuses its options: {init.error}")
        if snapshot:
            self._send([proto.Request(restore=proto.RestoreRequest(snapshot=snapshot))])
            restore = self._answer("restore")
            if not restore.success:
                raise UdfError(f"the UDF refuses its state: {restore.error}")

    def handle(self, points):
        requests = [proto.Request(point=point) for point in points]
        # Its answer comes after all output of the points before it.
        requests.append(proto.Request(snapshot=proto.SnapshotRequest()))
        # A UDF that cannot write does not read for ever, so that both go on at once.
        writer = threading.Thread(target=self._send, args=(requests,), daemon=True)
        writer.start()
        output = []
        while True:
            response = self._read()
            kind = response.WhichOneof("message")
            if kind == "snapshot":
                return output, response.snapshot.snapshot
            if kind == "error":
                raise UdfError(f"the UDF has failed: {response.error.error}")
            if kind == "point":
                output.append(response.point)
            elif kind in ("begin", "end"):
                raise UdfError("the UDF provides batches, which this example does not take")

    def _send(self, requests):
        frames = bytearray()
        for request in requests:
            message = request.SerializeToString()
            frames += _varint(len(message)) + message
        try:
            self.process.stdin.write(frames)
            self.process.stdin.flush()
        except BrokenPipeError:
            # The reader says more.
            pass

    def _answer(self, kind):
        while True:
            response = self._read()
            if response.WhichOneof("message") == kind:
                return getattr(response, kind)
            if response.WhichOneof("message") == "error":
                raise UdfError(f"the UDF has failed: {response.error.error}")

    def _read(self):
        length, shift = 0, 0
        while True:
            byte = self.process.stdout.read(1)
            if not byte:
                raise UdfError(f"the UDF has ended, with exit code {self.process.wait()}; its log says why")
            length |= (byte[0] & 0x7F) << shift
            shift += 7
            if byte[0] < 0x80:
                break
        message = self.process.stdout.read(length)
        if len(message) < length:
            raise UdfError("the UDF has ended within a message")
        return proto.Response.FromString(message)


def _varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _option(name, value, declared):
    """A call with one argument, typed as the UDF declares it; durations are nanoseconds."""
    if name not in declared:
        raise UdfError(f'the UDF has no option "{name}"; it has {", ".join(sorted(declared))}')
    types = declared[name].valueTypes
    if len(types) != 1:
        raise UdfError(f"option {name}: this example takes options of one argument, not of {len(types)}")
    field = ["boolValue", "intValue", "doubleValue", "stringValue", "durationValue"][types[0]]
    return proto.Option(name=name, values=[proto.OptionValue(type=types[0], **{field: value})])


def point(name, time, tags, fields, group_by):
    """A point. ``time`` is in nanoseconds since the epoch; ``group_by`` has the names of tags."""
    dimensions = sorted(group_by)
    group = ",".join(f"{tag}={tags.get(tag, '')}" for tag in dimensions)
    made = proto.Point(name=name, time=time, group=group, dimensions=dimensions, tags=tags)
    for key, value in fields.items():
        # A bool is an int in Python, so it comes first.
        for type_, values in (
            (bool, made.fieldsBool),
            (int, made.fieldsInt),
            (float, made.fieldsDouble),
            (str, made.fieldsString),
        ):
            if isinstance(value, type_):
                values[key] = value
                break
    return made

"""Stands for micropython-lib's `logging` on the unix port, where no checkout is given: the part that is used.

Written from the module's documentation, not its text; what it proves is that the supervisor asks for no more than this.
"""

WARNING = 30
INFO = 20
_NAMES = {INFO: "INFO", WARNING: "WARNING"}
_loggers = {}


class Record:
    def __init__(self, name, level, message):
        self.name = name
        self.levelno = level
        self.levelname = _NAMES[level]
        self.message = message


class Formatter:
    def __init__(self, fmt):
        self.fmt = fmt

    def format(self, record):
        return self.fmt % {"name": record.name, "levelname": record.levelname, "message": record.message}


class Handler:
    def __init__(self, level=0):
        self.level = level
        self.formatter = None

    def close(self):
        self.formatter = None

    def setFormatter(self, formatter):  # noqa: N802 -- the module's own name
        self.formatter = formatter

    def format(self, record):
        return self.formatter.format(record)


class Logger:
    def __init__(self, name):
        self.name = name
        self.level = WARNING
        self.handlers = []

    def setLevel(self, level):  # noqa: N802
        self.level = level

    def addHandler(self, handler):  # noqa: N802
        self.handlers.append(handler)

    def removeHandler(self, handler):  # noqa: N802
        self.handlers.remove(handler)

    def _log(self, level, message, arguments):
        if level >= self.level:
            for handler in self.handlers:
                handler.emit(Record(self.name, level, message % arguments if arguments else message))

    def info(self, message, *arguments):
        self._log(INFO, message, arguments)

    def warning(self, message, *arguments):
        self._log(WARNING, message, arguments)


def getLogger(name):  # noqa: N802
    return _loggers.setdefault(name, Logger(name))

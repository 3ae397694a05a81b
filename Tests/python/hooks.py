"""What generated requests must not ask for, and what they must, to get anywhere."""

import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    # A watch goes on for as long as its client likes.
    if case.query:
        case.query.pop("watch", None)
    # Of the namespaces that might be meant only one is there; a name of none is tried by half of the requests.
    if case.path_parameters and "namespace" in case.path_parameters:
        if len(str(case.path_parameters["namespace"])) % 2:
            case.path_parameters["namespace"] = "default"

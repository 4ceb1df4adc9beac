#!/usr/bin/python3
"""N-CREATE and N-SET SCP (odil) of modality performed procedure steps.  Debian packages: python3-odil.
usage: odil_mpps_scp.py PORT ASSOCIATIONS
Serves ASSOCIATIONS associations, one after another, then exits.  An N-SET of a step that was not created is answered 0112."""
import sys
import odil

port, count = int(sys.argv[1]), int(sys.argv[2])
steps = {}


def text(data_set, name):
    tag = odil.Tag(name)
    return data_set.as_string(tag)[0].decode() if data_set.has(tag) and not data_set.empty(tag) else ""


def on_create(message):
    request = odil.messages.NCreateRequest(message)
    uid = request.get_affected_sop_instance_uid()
    data_set = request.get_data_set()
    steps[str(uid)] = data_set
    print("CREATE", text(data_set, "PatientName"), text(data_set, "PerformedProcedureStepStatus"), flush=True)
    return 0


def on_set(message):
    request = odil.messages.NSetRequest(message)
    uid = request.get_requested_sop_instance_uid()
    if str(uid) not in steps:
        print("SET unknown", flush=True)
        return 0x0112
    print("SET", text(request.get_data_set(), "PerformedProcedureStepStatus"), flush=True)
    return 0


print("READY", port, flush=True)
for _ in range(count):
    association = odil.Association()
    association.set_tcp_timeout(60)
    try:
        association.receive_association("v4", port)
    except Exception as error:
        print("ASSOCIATION FAILED", error, flush=True)
        continue
    echo, create, change = odil.EchoSCP(association), odil.NCreateSCP(association), odil.NSetSCP(association)
    echo.set_callback(lambda message: 0)
    create.set_callback(on_create)
    change.set_callback(on_set)
    dispatcher = odil.SCPDispatcher(association)
    dispatcher.set_echo_scp(echo)
    dispatcher.set_ncreate_scp(create)
    dispatcher.set_nset_scp(change)
    try:
        while True:
            dispatcher.dispatch()
    except odil.AssociationReleased:
        print("RELEASED", flush=True)
    except Exception as error:
        print("ENDED", error, flush=True)

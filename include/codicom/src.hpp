#pragma once
// The bodies that CODICOM_SEPARATE_COMPILATION keeps out of other units (see core/config.hpp): include this in exactly
// one source file of the program. The CMake target codicom::separate does it.
#include <codicom/codicom.hpp>
#include <codicom/coro/impl/event.hpp>
#include <codicom/coro/impl/run_bodies.hpp>
#include <codicom/coro/impl/run_on.hpp>
#include <codicom/coro/impl/runs_here.hpp>
#include <codicom/coro/impl/scope.hpp>
#include <codicom/coro/impl/watchdog.hpp>
#include <codicom/net/impl/association.hpp>
#include <codicom/net/impl/flight_recorder.hpp>
#include <codicom/net/impl/incoming_object.hpp>
#include <codicom/net/impl/listener.hpp>
#include <codicom/net/impl/responses.hpp>
#include <codicom/net/impl/serve.hpp>
#include <codicom/net/impl/tcp.hpp>
#include <codicom/net/impl/transport.hpp>
#include <codicom/service/impl/find_provider.hpp>
#include <codicom/service/impl/get_provider.hpp>
#include <codicom/service/impl/move_provider.hpp>
#include <codicom/service/impl/retrieve.hpp>
#include <codicom/service/impl/store_receiver.hpp>

#pragma once
/// Associations over TCP: requesting, accepting, sending and receiving.
#include <codicom/net/acceptor_options.hpp>
#include <codicom/net/association.hpp>
#include <codicom/net/association_options.hpp>
#include <codicom/net/association_pool.hpp>
#include <codicom/net/deadlines.hpp>
#include <codicom/net/flight_recorder.hpp>
#include <codicom/net/handlers.hpp>
#include <codicom/net/incoming_object.hpp>
#include <codicom/net/listener.hpp>
#include <codicom/net/remote_end.hpp>
#include <codicom/net/responses.hpp>
#include <codicom/net/serve.hpp>
#include <codicom/net/transport.hpp>

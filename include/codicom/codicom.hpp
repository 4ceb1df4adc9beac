#pragma once
// Everything: data sets, files, messages, associations and services.
#include <codicom/core/log.hpp>
#include <codicom/core/peer.hpp>
#include <codicom/core/version.hpp>
#include <codicom/coro.hpp>
#include <codicom/data_set.hpp>
#include <codicom/dimse.hpp>
#include <codicom/dul.hpp>
#include <codicom/net.hpp>
#include <codicom/service.hpp>

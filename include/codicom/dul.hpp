#pragma once
// The upper layer (PS3.8), without I/O and without a clock.
#include <codicom/dul/association_error.hpp>
#include <codicom/dul/association_parameters.hpp>
#include <codicom/dul/negotiation.hpp>
#include <codicom/dul/pdu.hpp>
#include <codicom/dul/pdu_reader.hpp>
#include <codicom/dul/plan.hpp>
#include <codicom/dul/presentation_context.hpp>
#include <codicom/dul/quirks.hpp>
#include <codicom/dul/reasons.hpp>
#include <codicom/dul/state_machine.hpp>
#include <codicom/dul/user_information.hpp>

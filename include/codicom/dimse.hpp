#pragma once
// DIMSE messages (PS3.7), without I/O and without a clock.
#include <codicom/dimse/command.hpp>
#include <codicom/dimse/dimse_status.hpp>
#include <codicom/dimse/fragmenter.hpp>
#include <codicom/dimse/message_assembler.hpp>
#include <codicom/dimse/message_id.hpp>
#include <codicom/dimse/normalized.hpp>
#include <codicom/dimse/response_fields.hpp>

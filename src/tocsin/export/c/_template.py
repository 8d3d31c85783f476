"""The C around the loops: what a reading goes through before it is scored, and after."""

from __future__ import annotations

HEADER = """\
/*
 * @name@: learned from normal readings by tocsin, detector @detector@.
 *
 * Give it one reading each period; it says how strange that is, and when to ring:
 *
 *     static @name@_state state;
 *     @name@_result result;
 *
 *     @name@_init(&state);
 *     for (;;) {
 *         @name@_number reading[@NAME@_CHANNELS] = { ... };   NAN for a channel without news
 *         @name@_push(&state, reading, &result);
 *         if (result.alarm) { ... }
 *     }
 *
 * Compile with:  cc -std=c99 -O2 -c @file@    and link with -lm; not with -ffast-math.
 * @sizes@
 *
 * Nothing is allocated, there is no recursion and nothing changes but what is handed in, so that one program may hold
 * as many states as it has devices.
 */
#ifndef @NAME@_H
#define @NAME@_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Readings in a window, and channels in a reading. */
#define @NAME@_WINDOW @window@
#define @NAME@_CHANNELS @channels@

/* Seconds from one reading to the next. */
#define @NAME@_PERIOD_S @period@

/* A window is anomalous whose score is above this. */
#define @NAME@_LIMIT @limit@

/* Names and units of the channels, in order: static const char *const names[] = @NAME@_CHANNEL_NAMES; */
#define @NAME@_CHANNEL_NAMES { @names@ }
#define @NAME@_CHANNEL_UNITS { @units@ }

/* SHA-256 of the artifact's graph, and what the numbers of its layers are. */
#define @NAME@_GRAPH "@checksum@"
#define @NAME@_PRECISION "@precision@"

/* Periods for which a channel without news keeps its last value. */
#define @NAME@_HOLD @hold@u

/* Anomalous windows in a row that ring, quiet ones that end it, windows of rest after it; the same in periods. */
#define @NAME@_RAISE_AFTER @raise_after@u
#define @NAME@_RAISE_AFTER_PERIODS @raise_periods@u
#define @NAME@_RELEASE_BELOW @release@
#define @NAME@_RELEASE_AFTER @release_after@u
#define @NAME@_RELEASE_AFTER_PERIODS @release_periods@u
#define @NAME@_COOLDOWN @cooldown@u
#define @NAME@_COOLDOWN_PERIODS @cooldown_periods@u

/* Numbers that scoring a window needs room for. */
#define @NAME@_SCRATCH @scratch@

typedef enum {
    @NAME@_OK = 0,      /* the reading was scored */
    @NAME@_WARMING = 1, /* the window is not full yet */
    @NAME@_GAP = 2      /* a value was missing for longer than the hold */
} @name@_status;

/* What a reading consists of. */
typedef @number@ @name@_number;

/* What is remembered of a device. Its fields are not for others. */
typedef struct {
    float window[@NAME@_WINDOW * @NAME@_CHANNELS];
    float held[@NAME@_CHANNELS];
    uint32_t age[@NAME@_CHANNELS];
@counted@    uint32_t filled, clean, silent;
    uint32_t now, start, quiet_since;
    uint32_t above, below, rest, rest_periods;
    int open;
@state_scratch@} @name@_state;

/* What is said of a reading. */
typedef struct {
    @name@_status status;
    float score;                           /* NAN unless the status is OK */
    float by_channel[@NAME@_CHANNELS]; /* shares that sum to the score */
    int anomaly;                           /* is the score above the limit? */
    int alarm;                             /* is it time to ring? */
} @name@_result;

/* Begin anew, as for a device that has said nothing yet; also after a pause of more than @restart@ periods. */
void @name@_init(@name@_state *state);

/* Take the next reading, in the channels' units; call it once a period, with NAN for channels without news. */
@name@_status @name@_push(@name@_state *state, const @name@_number reading[@NAME@_CHANNELS], @name@_result *result);

/* Score one window, reading after reading, the oldest first. by_channel may be a null pointer. */
float @name@_score(const float window[@NAME@_WINDOW * @NAME@_CHANNELS], float by_channel[@NAME@_CHANNELS],
    float scratch[@NAME@_SCRATCH]);

#ifdef __cplusplus
}
#endif

#endif
"""

SOURCE = """\
/* See @header@ for what this is and how to use it. */
#include "@header@"

#include <math.h>
#include <string.h>

#ifdef __FAST_MATH__
#error "NAN stands for a value without news: compile without -ffast-math"
#endif

#define NEVER UINT32_MAX

@tables@

@functions@float @name@_score(const float window[@NAME@_WINDOW * @NAME@_CHANNELS], float by_channel[@NAME@_CHANNELS],
    float scratch[@NAME@_SCRATCH]) {
@body@
}

void @name@_init(@name@_state *state) {
    memset(state, 0, sizeof *state);
    for (int k = 0; k < @NAME@_CHANNELS; ++k) {
        state->age[k] = NEVER;
    }
@counted_init@}

@begin_anew@@rates@/* Return the values with short silences bridged, and whether all are known. */
static int bridged(@name@_state *state, const @name@_number reading[@NAME@_CHANNELS], float values[@NAME@_CHANNELS]) {
    int known = 1;
    for (int k = 0; k < @NAME@_CHANNELS; ++k) {
        const float value = @value@;
        if (!isnan(value)) {
            state->held[k] = value;
            state->age[k] = 0;
        } else if (state->age[k] < NEVER - 1) {
            ++state->age[k];
        }
        values[k] = state->age[k] <= @NAME@_HOLD ? state->held[k] : NAN;
        known = known && isfinite(values[k]);
    }
    return known;
}

/* Put values into the window, the oldest out, and tell whether it can be scored. */
static @name@_status framed(@name@_state *state, const float values[@NAME@_CHANNELS], int known) {
    float *const last = state->window + (@NAME@_WINDOW - 1) * @NAME@_CHANNELS;
    memmove(state->window, state->window + @NAME@_CHANNELS, (size_t)(last - state->window) * sizeof(float));
    memcpy(last, values, @NAME@_CHANNELS * sizeof(float));
    state->filled += state->filled < @NAME@_WINDOW;
    state->clean = known ? state->clean + (state->clean < @NAME@_WINDOW) : 0;
    if (state->clean == @NAME@_WINDOW) {
        return @NAME@_OK;
    }
    return state->filled < @NAME@_WINDOW ? @NAME@_WARMING : @NAME@_GAP;
}

/* Count a scored window: strange, quiet, or neither. */
static void count(@name@_state *state, float score) {
    if (!state->open && state->rest) {
        --state->rest;
    }
    if (score > @NAME@_LIMIT) {
        if (!state->above && !state->open) {
            state->start = state->now;
        }
        ++state->above;
        state->below = 0;
    } else if (state->open && score <= @NAME@_RELEASE_BELOW) {
        if (!state->below) {
            state->quiet_since = state->now;
        }
        ++state->below;
        state->above = 0;
    } else {
        state->above = state->below = 0;
    }
}

/* Begin to ring, or stop, once enough windows say so. */
static void turn(@name@_state *state) {
    if (state->open) {
        if (state->below >= @NAME@_RELEASE_AFTER@release_time@) {
            state->open = 0;
            state->above = state->below = 0;
            state->rest = @NAME@_COOLDOWN;
            state->rest_periods = @NAME@_COOLDOWN_PERIODS;
        }
    } else if (state->above >= @NAME@_RAISE_AFTER@raise_time@) {
        state->open = !state->rest && !state->rest_periods;
    }
}

@name@_status @name@_push(@name@_state *state, const @name@_number reading[@NAME@_CHANNELS], @name@_result *result) {
    float values[@NAME@_CHANNELS];
@stack_scratch@    ++state->now;
    state->rest_periods -= state->rest_periods > 0;
@restarts@@take_rates@    const int known = bridged(state, @taken@, values);
    result->status = framed(state, values, known);
    result->score = NAN;
    if (result->status == @NAME@_OK) {
        result->score = @name@_score(state->window, result->by_channel, @scratch_place@);
        count(state, result->score);
        turn(state);
    } else {
        for (int k = 0; k < @NAME@_CHANNELS; ++k) {
            result->by_channel[k] = NAN;
        }
    }
    result->anomaly = result->score > @NAME@_LIMIT;
    result->alarm = state->open;
    return result->status;
}
"""

DOT = """\
/* Return the sum of products, in four parts, which is faster and loses less. */
static float dot(const float *values, const float *weights, int count) {
    float sums[4] = { 0.0f, 0.0f, 0.0f, 0.0f };
    int k = 0;
    for (; k + 3 < count; k += 4) {
        sums[0] += values[k] * weights[k];
        sums[1] += values[k + 1] * weights[k + 1];
        sums[2] += values[k + 2] * weights[k + 2];
        sums[3] += values[k + 3] * weights[k + 3];
    }
    for (; k < count; ++k) {
        sums[0] += values[k] * weights[k];
    }
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

"""

TOTAL = """\
/* Return the sum of every so many-th value, in four parts, which loses less. */
static float total(const float *values, int count, int step) {
    float sums[4] = { 0.0f, 0.0f, 0.0f, 0.0f };
    for (int k = 0; k < count; ++k) {
        sums[k % 4] += values[k * step];
    }
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

"""

DOT8 = """\
/* Return the sum of products of whole numbers, exactly; where there is CMSIS-NN, its functions do the same. */
static int32_t dot8(const int8_t *values, const int8_t *weights, int count) {
    int32_t sum = 0;
    for (int k = 0; k < count; ++k) {
        sum += (int32_t)values[k] * weights[k];
    }
    return sum;
}

"""

MIXED = """\
/* Return the sum of products of numbers and whole numbers, in two parts. */
static float mixed(const float *values, const int8_t *weights, int count) {
    float sums[2] = { 0.0f, 0.0f };
    for (int k = 0; k < count; ++k) {
        sums[k % 2] += values[k] * (float)weights[k];
    }
    return sums[0] + sums[1];
}

"""

ROUNDED = """\
/* Return the nearest whole number that 8 bits hold. */
static int8_t rounded(float value) {
    if (!(value > -127.0f)) {
        return -127;
    }
    if (value >= 127.0f) {
        return 127;
    }
    return (int8_t)(value + (value < 0.0f ? -0.5f : 0.5f));
}

"""

RATES = """\
/* Replace counters by how much they rose per period; one that fell has been reset, which is no news. */
static void take_rates(@name@_state *state, const double reading[@NAME@_CHANNELS], double rates[@NAME@_CHANNELS]) {
    static const int which[@counters@] = { @which@ };
    memcpy(rates, reading, @NAME@_CHANNELS * sizeof(double));
    for (int k = 0; k < @counters@; ++k) {
        const double value = reading[which[k]];
        const uint32_t periods = state->counted_age[k] == NEVER ? NEVER : state->counted_age[k] + 1;
        rates[which[k]] = NAN;
        if (isnan(value) || isinf(value)) {
            state->counted_age[k] = periods < NEVER ? periods : state->counted_age[k];
            continue;
        }
        if (periods != NEVER && value >= state->counted[k]) {
            rates[which[k]] = (value - state->counted[k]) / periods;
        }
        state->counted[k] = value;
        state->counted_age[k] = 0;
    }
}

"""

RESTARTS = """\
    int news = 0;
    for (int k = 0; k < @NAME@_CHANNELS; ++k) {
        news = news || isfinite(reading[k]);
    }
    if (news && state->silent > @restart@u) {
        begin_anew(state);
    }
    state->silent = news ? 0 : state->silent + (state->silent < NEVER);
"""

BEGIN_ANEW = """\
/* Forget the device, as after a long pause; what rang rings no more, and the rest after it goes on. */
static void begin_anew(@name@_state *state) {
    const uint32_t now = state->now, rest_periods = state->open ? @NAME@_COOLDOWN_PERIODS : state->rest_periods;
    @name@_init(state);
    state->now = now;
    state->rest_periods = rest_periods;
}

"""

/*
 * Rings when readings from the standard input are strange: what surrounds an exported alarm, on a computer.
 *
 *     tocsin export env.tocsin --target c -o alarm.c
 *     cc -std=c99 -O2 -I. alarm.c main.c -lm -o alarm
 *     ./alarm < readings.txt
 *
 * One reading a line: the channels in the order of ALARM_CHANNEL_NAMES, separated by spaces or commas, and nan for a
 * channel without news. On a board, reading_from_somewhere() asks the sensors instead, once a period.
 */
#include "alarm.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST_LINE 4096

static const char *const names[ALARM_CHANNELS] = ALARM_CHANNEL_NAMES;
static const char *const units[ALARM_CHANNELS] = ALARM_CHANNEL_UNITS;

/* Take the next line apart; return 0 at the end. What is missing or unreadable is no news. */
static int reading_from_somewhere(alarm_number reading[ALARM_CHANNELS]) {
    char line[LONGEST_LINE];
    char *place = line;
    if (!fgets(line, sizeof line, stdin)) {
        return 0;
    }
    for (int k = 0; k < ALARM_CHANNELS; ++k) {
        char *end = place;
        const double value = strtod(place, &end);
        reading[k] = end == place ? NAN : (alarm_number)value;
        place = end + strspn(end, " ");
        place += *place == ',';
    }
    return 1;
}

/* Return the channel that made a score what it is. */
static int strangest(const float by_channel[ALARM_CHANNELS]) {
    int found = 0;
    for (int k = 1; k < ALARM_CHANNELS; ++k) {
        if (by_channel[k] > by_channel[found]) {
            found = k;
        }
    }
    return found;
}

int main(void) {
    static alarm_state state;
    alarm_result result;
    alarm_number reading[ALARM_CHANNELS];
    int rang = 0;
    alarm_init(&state);
    for (long row = 1; reading_from_somewhere(reading); ++row) {
        alarm_push(&state, reading, &result);
        if (result.alarm && !rang) {
            const int channel = strangest(result.by_channel);
            printf("reading %ld: ALARM, score %g above %g, most of all %s = %g %s\n", row, (double)result.score,
                (double)ALARM_LIMIT, names[channel], (double)reading[channel], units[channel]);
        } else if (rang && !result.alarm) {
            printf("reading %ld: all quiet again\n", row);
        }
        rang = result.alarm;
    }
    return 0;
}

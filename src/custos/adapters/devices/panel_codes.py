"""What the codes of intrusion panels mean: SIA (ANSI/SIA DC-03) and Contact ID (SIA DC-05).

sia_meaning("BA") -> Meaning("panel.alarmed", "burglary", "burglary alarm")
contact_id_meaning("130", restored=False) -> the same
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Meaning:
    """The event type a code makes, what it is about, and the code in words."""

    type: str
    kind: str
    words: str


_TYPES = {
    "a": "panel.alarmed",
    "r": "panel.restored",
    "t": "panel.troubled",
    "c": "panel.armed",
    "o": "panel.disarmed",
    "p": "panel.tested",
    "b": "panel.bypassed",
    "-": "panel.reported",
}

# code, type (see _TYPES), kind, words
_SIA = """
AR r power mains power restored
AT t power mains power failed
BA a burglary burglary alarm
BB b burglary burglary zone bypassed
BC - burglary burglary alarm cancelled
BH r burglary burglary alarm restored
BJ r burglary burglary trouble restored
BR r burglary burglary zone restored
BS t burglary burglary supervisory
BT t burglary burglary zone trouble
BU r burglary burglary zone no longer bypassed
BV a burglary burglary verified
BX p burglary burglary test
BZ t supervision supervision lost
CA c arming armed automatically
CD o arming disarmed automatically
CE - arming closing extended
CF c arming armed by force
CG c arming part of the area armed
CI - arming failed to arm
CJ c arming armed late
CK c arming armed early
CL c arming armed
CP c arming armed automatically
CQ c arming armed from afar
CR - arming recent closing
CS c arming armed by key
CT - arming late to open
CW - arming was force armed
CZ c arming point armed
DA - access card assigned
DB - access card deleted
DC - access access closed
DD - access access denied
DF a access door forced
DG - access access granted
DH r access door left open restored
DI - access access denied by passback
DJ a access door forced, in trouble
DK - access access lockout
DL - access door left open alarm
DN a access door left open
DO - access access open
DP - access access denied, unauthorised time
DQ - access access denied, unauthorised arming state
DR - access exit requested
DS - access door station
DT t access access trouble
DV - access access denied, unauthorised entry level
DW - access access denied, interlock
DX - access exit requested
DZ - access access closed
EA a burglary exit alarm
EE - burglary exit error
ER r system expansion module restored
ET t system expansion module trouble
FA a fire fire alarm
FB b fire fire zone bypassed
FC - fire fire alarm cancelled
FH r fire fire alarm restored
FI p fire fire test begins
FJ r fire fire trouble restored
FK p fire fire test ends
FR r fire fire zone restored
FS t fire fire supervisory
FT t fire fire zone trouble
FU r fire fire zone no longer bypassed
FV t fire fire supervision restored
FX p fire fire test
GA a gas gas alarm
GH r gas gas alarm restored
GR r gas gas zone restored
GT t gas gas zone trouble
HA a hold_up hold-up alarm
HB b hold_up hold-up zone bypassed
HH r hold_up hold-up alarm restored
HR r hold_up hold-up zone restored
HT t hold_up hold-up zone trouble
IA t system equipment failed
IR r system equipment restored
JA a tamper user code tampered with
JL - log log nearly full
JO - log log full
JR - arming schedule executed
JS - system schedule changed
JT - system time changed
JY - system time changed
KA a heat heat alarm
KH r heat heat alarm restored
KR r heat heat zone restored
KT t heat heat zone trouble
LB - system programming begun from afar
LR r communication phone line restored
LS - system programming ended from afar
LT t communication phone line trouble
LX - system local programming ended
MA a medical medical alarm
MB b medical medical zone bypassed
MH r medical medical alarm restored
MR r medical medical zone restored
MT t medical medical zone trouble
NA - activity no activity
NC t communication network condition
NF c arming armed by force, perimeter
NL c arming perimeter armed
NR r communication network restored
NS - activity activity resumed
NT t communication network failed
OA o arming disarmed automatically
OC - arming disarming cancelled
OG o arming part of the area disarmed
OI - arming failed to disarm
OJ o arming disarmed late
OK o arming disarmed early
OP o arming disarmed
OQ o arming disarmed from afar
OR o arming disarmed after an alarm
OS o arming disarmed by key
OT - arming late to close
OZ o arming point disarmed
PA a panic panic alarm
PB b panic panic zone bypassed
PH r panic panic alarm restored
PR r panic panic zone restored
PT t panic panic zone trouble
QA a duress emergency alarm
QH r duress emergency alarm restored
QR r duress emergency zone restored
QT t duress emergency zone trouble
RA - system remote programming call failed
RB - system remote programming begun
RN - system remote reset
RO - system relay opened
RP p test automatic test
RR - power power up
RS - system programming succeeded
RU - system programming failed
RX p test manual test
RY p test manual test ended
SA a sprinkler sprinkler alarm
SH r sprinkler sprinkler alarm restored
SR r sprinkler sprinkler zone restored
ST t sprinkler sprinkler zone trouble
TA a tamper tamper alarm
TB b tamper tamper bypassed
TE p test test ended
TH r tamper tamper alarm restored
TR r tamper tamper restored
TS p test test begun
TX p test test
UA a zone untyped zone alarm
UB b zone untyped zone bypassed
UH r zone untyped alarm restored
UR r zone untyped zone restored
UT t zone untyped zone trouble
UU r zone untyped zone no longer bypassed
UX - zone undefined
UY t zone untyped zone missing
UZ t zone untyped alarm missing
VI - printer printer paper in
VO t printer printer paper out
WA a water water alarm
WH r water water alarm restored
WR r water water zone restored
WT t water water zone trouble
XA - system extra account report
XC r radio wireless sensor heard again
XE - system extra point
XH r radio radio interference ended
XI - system sensor reset
XL t radio wireless sensor lost
XM - system extra account
XQ t radio radio interference
XR r radio sensor battery restored
XS t radio wireless receiver trouble
XT t radio sensor battery low
YA t bell bell fault
YB - system busy seconds
YC t communication communication failed
YD t communication receiver line card trouble
YF t system parameter checksum failed
YG - system parameter changed
YH r bell bell restored
YI t system overcurrent
YK r communication communication restored
YM t power system battery missing
YN - system invalid report
YO - system unknown message
YP t power power supply trouble
YQ r power power supply restored
YR r power system battery restored
YS t communication communication trouble
YT t power system battery low
YU - system diagnostic error
YW - system watchdog reset
YX - system service required
YY - system status report
YZ - system service completed
ZA a cold freeze alarm
ZH r cold freeze alarm restored
ZR r cold freeze zone restored
ZT t cold freeze zone trouble
"""

# code, type of a new event, kind, words; opening and closing (400s) are told apart by the qualifier
_CONTACT_ID = """
100 a medical medical alarm
101 a medical personal emergency
102 a medical failed to report in
110 a fire fire alarm
111 a fire smoke
112 a fire combustion
113 a water water flow
114 a heat heat
115 a fire fire pull station
116 a fire duct
117 a fire flame
118 a fire fire, near alarm
120 a panic panic alarm
121 a duress duress
122 a hold_up silent alarm
123 a panic audible panic
124 a duress duress, access granted
125 a duress duress, egress granted
129 a panic confirmed panic
130 a burglary burglary
131 a burglary perimeter
132 a burglary interior
133 a burglary 24 hour zone
134 a burglary entry or exit
135 a burglary day and night zone
136 a burglary outdoor
137 a tamper tamper
138 a burglary near alarm
139 a burglary intrusion verified
140 a zone general alarm
141 a system polling loop open
142 a system polling loop shorted
143 a system expansion module failed
144 a tamper sensor tamper
145 a tamper expansion module tamper
146 a burglary silent burglary
147 t supervision sensor supervision failed
150 a zone 24 hour non-burglary
151 a gas gas detected
152 a cold refrigeration
153 a cold loss of heat
154 a water water leakage
155 a burglary foil break
156 t zone day trouble
157 t gas low bottled gas level
158 a heat high temperature
159 a cold low temperature
161 t zone loss of air flow
162 a gas carbon monoxide detected
163 t zone tank level
200 t fire fire supervisory
201 t water low water pressure
202 t gas low carbon dioxide
203 t water gate valve sensor
204 t water low water level
205 - water pump activated
206 t water pump failed
300 t system system trouble
301 t power mains power lost
302 t power low system battery
303 t system memory checksum bad
304 t system program checksum bad
305 - system system reset
306 - system panel programming changed
307 t system self-test failed
308 t system system shut down
309 t power battery test failed
310 t system ground fault
311 t power battery missing
312 t power power supply overcurrent
313 - system engineer reset
320 t bell sounder or relay trouble
321 t bell bell 1 trouble
322 t bell bell 2 trouble
330 t system peripheral trouble
331 t system polling loop open
332 t system polling loop shorted
333 t system expansion module failed
334 t system repeater failed
335 t printer printer out of paper
336 t printer printer failed
337 t power expansion module without power
338 t power expansion module battery low
339 - system expansion module reset
341 t tamper expansion module tamper
342 t power expansion module mains lost
344 t radio radio interference
350 t communication communication trouble
351 t communication phone line 1 fault
352 t communication phone line 2 fault
353 t communication long range radio fault
354 t communication failed to communicate
355 t radio loss of radio supervision
356 t communication loss of central polling
370 t zone protection loop trouble
371 t zone protection loop open
372 t zone protection loop shorted
373 t fire fire loop trouble
374 a burglary exit error
380 t zone sensor trouble
381 t radio radio sensor supervision lost
382 t system bus sensor supervision lost
383 a tamper sensor tamper
384 t radio radio sensor battery low
385 t fire smoke detector too sensitive
386 t fire smoke detector not sensitive enough
389 t zone sensor self-test failed
391 t zone sensor watch failed
393 t zone maintenance due
400 o arming opened or closed
401 o arming opened or closed by a user
402 o arming group opened or closed
403 o arming opened or closed automatically
404 - arming late to open or close
405 - arming deferred opening or closing
406 - burglary alarm cancelled
407 o arming opened or closed from afar
408 c arming quick arm
409 o arming opened or closed by key
411 - system call back requested
412 - system download succeeded
413 - system download failed
414 - system system shut down from afar
421 - access access denied
422 - access access granted by a user
423 a access forced access
424 - access egress denied
425 - access egress granted
426 a access door propped open
427 t access access point status monitor trouble
428 t access access point exit request trouble
429 - access access program mode entered
430 - access access program mode left
441 o arming opened or closed, staying
442 o arming opened or closed by key, staying
450 - arming opening or closing at an unusual time
451 o arming opened or closed early
452 - arming opened or closed late
453 - arming failed to open
454 - arming failed to close
455 - arming automatic arming failed
456 c arming part of the area armed
457 a burglary exit error by a user
458 - arming user on the premises
459 a burglary recent closing
461 a tamper wrong code entered
462 - access legal code entered
463 - arming rearmed after an alarm
464 - arming automatic arming time extended
465 - panic panic alarm reset
466 - system service on the premises
520 - bell sounder disabled
570 b zone zone bypassed
571 b fire fire zone bypassed
572 b zone 24 hour zone bypassed
573 b burglary burglary zone bypassed
574 b zone group bypassed
575 b zone swinger shut down
576 b access access zone shunted
577 b access access point bypassed
601 p test manual test
602 p test periodic test
603 p test periodic radio test
604 p fire fire test
605 - system status report follows
606 - system listen-in follows
607 p test walk test mode
608 p test periodic test, system in trouble
609 - system video transmitter active
611 p test point tested, well
612 p test point not tested
621 - log event log reset
622 - log event log half full
623 - log event log nearly full
624 - log event log overflowed
625 - system time or date reset
626 t system time or date wrong
627 - system program mode entered
628 - system program mode left
654 - activity no activity
"""


def _table(text: str) -> dict[str, Meaning]:
    rows = (line.split(None, 3) for line in text.strip().splitlines())
    return {code: Meaning(_TYPES[sort], kind, words) for code, sort, kind, words in rows}


SIA_CODES = _table(_SIA)
CONTACT_ID_CODES = _table(_CONTACT_ID)


def sia_meaning(code: str) -> Meaning:
    """Of a two-letter code; `panel.reported` for one that the table has not."""
    return SIA_CODES.get(code, Meaning("panel.reported", "unknown", f"unknown code {code}"))


def contact_id_meaning(code: str, *, restored: bool) -> Meaning:
    """Of a three-digit code.

    Args:
        restored: qualifier 3: over, or for arming codes: armed (DC-05: 1 opening, 3 closing).
    """
    found = CONTACT_ID_CODES.get(code, Meaning("panel.reported", "unknown", f"unknown code {code}"))
    if not restored:
        return found
    if found.type == "panel.disarmed":
        return Meaning("panel.armed", found.kind, found.words)
    if found.type in ("panel.alarmed", "panel.troubled", "panel.bypassed"):
        return Meaning("panel.restored", found.kind, found.words)
    return found

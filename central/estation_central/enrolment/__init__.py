"""The enrolment call: a box gets its certificate over the network, once, for the token in its profile."""

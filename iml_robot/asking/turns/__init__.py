"""When an ask begins and ends, so that nobody is asked at every step."""

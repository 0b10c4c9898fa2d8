//! Chart maths: which bars a view holds and where they are drawn.

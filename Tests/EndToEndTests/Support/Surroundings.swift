import Glibc

/// The environment's variables that choose how long a test is.
enum Surroundings {
    static subscript(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}

import Model
import Tree

/// What a schema asks of a string or number, taken out of it: the one place that holds a scalar against its bounds.
struct ScalarRule: Sendable {
    enum Problem {
        case tooLong(Int)
        case tooShort(Int)
        case notAllowed
        case notTime
        case notBytes
        case notInForm(Schema.TextForm)
        case tooSmall(Int64)
        case tooLarge(Int64)
        case notInt32
    }

    private let maxLength: Int?
    private let minLength: Int?
    private let allowed: [String]
    private let isTime: Bool
    private let isMicroTime: Bool
    private let isBytes: Bool
    private let form: Schema.TextForm?
    private let minimum: Int64?
    private let maximum: Int64?
    private let isInt32: Bool

    init(_ schema: Schema) {
        maxLength = schema.maxLength
        minLength = schema.minLength
        allowed = schema.allowed
        let format = schema.format
        isTime = format == "date-time"
        isMicroTime = schema.isMicroTime
        isBytes = format == "byte"
        isInt32 = format == "int32"
        form = schema.form
        minimum = schema.minimum
        maximum = schema.maximum
    }

    /// The first thing wrong with a text. `canonical`: a time must stand as it will be kept.
    func problem(_ text: String, canonical: Bool = false) -> Problem? {
        // Characters are Unicode scalars here, as in JSON schema: at most as many as bytes, at least a quarter.
        let bytes = text.utf8.count
        if let maxLength, bytes > maxLength, text.unicodeScalars.count > maxLength { return .tooLong(maxLength) }
        if let minLength, bytes < minLength * 4, minLength > 1 || bytes == 0, text.unicodeScalars.count < minLength {
            return .tooShort(minLength)
        }
        if !allowed.isEmpty, !allowed.contains(text) { return .notAllowed }
        if isTime {
            let isRight =
                if isMicroTime {
                    canonical ? TimeText.isCanonicalMicro(text) : TimeText.micro(text) != nil
                } else { Timestamp(text) != nil }
            if !isRight { return .notTime }
        }
        if isBytes, Base64.decode(text) == nil { return .notBytes }
        return formProblem(text)
    }

    /// The first thing wrong with a number.
    func problem(_ number: Int64) -> Problem? {
        if let minimum, number < minimum { return .tooSmall(minimum) }
        if let maximum, number > maximum { return .tooLarge(maximum) }
        if isInt32, Int32(exactly: number) == nil { return .notInt32 }
        return nil
    }

    /// Of a number that may be written as text too: whether its digits have the form of that text.
    func formProblem(_ text: String) -> Problem? {
        guard let form, !form.accepts(text) else { return nil }
        return .notInForm(form)
    }

    func formProblem(_ number: Int64) -> Problem? { form == nil ? nil : formProblem(String(number)) }
}

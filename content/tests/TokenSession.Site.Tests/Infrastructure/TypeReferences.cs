using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Emit;

namespace Tests.Infrastructure;

/// <summary>All types that a type refers to: in its declaration, in those of its members, and in the code of their bodies.</summary>
internal static class TypeReferences
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> OpCodesByValue = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value);

    public static IEnumerable<Type> Of(Type type) =>
        type.GetInterfaces()
            .Concat(type.BaseType is { } parent ? [parent] : [])
            .Concat(type.GetGenericArguments().SelectMany(ConstraintsOf))
            .Concat(AttributesOf(type))
            .Concat(type.GetMembers(Declared).SelectMany(InMember))
            .SelectMany(Parts);

    private static IEnumerable<Type> InMember(MemberInfo member) =>
        AttributesOf(member)
            .Concat(
                member switch
                {
                    Type nested => Of(nested),
                    FieldInfo field => [field.FieldType],
                    PropertyInfo property => [property.PropertyType],
                    EventInfo notice => [notice.EventHandlerType!],
                    MethodBase method => Signature(method).Concat(Body(method)),
                    _ => [],
                }
            );

    private static IEnumerable<Type> Signature(MethodBase method) =>
        method
            .GetParameters()
            .SelectMany(parameter => AttributesOf(parameter).Append(parameter.ParameterType))
            .Concat(method is MethodInfo { ReturnType: var result } ? [result] : [])
            .Concat(method.IsGenericMethodDefinition ? method.GetGenericArguments().SelectMany(ConstraintsOf) : []);

    private static IEnumerable<Type> Body(MethodBase method)
    {
        if (method.GetMethodBody() is not { } body || body.GetILAsByteArray() is not { } code)
        {
            return [];
        }

        var handled = body.ExceptionHandlingClauses.Where(clause => clause.Flags is ExceptionHandlingClauseOptions.Clause);
        return body
            .LocalVariables.Select(local => local.LocalType)
            .Concat(handled.Select(clause => clause.CatchType!))
            .Concat(Tokens(code).SelectMany(token => InCode(method, token)));
    }

    /// <summary>The metadata tokens in compiled code (ECMA-335, III.1).</summary>
    private static IEnumerable<int> Tokens(byte[] code)
    {
        for (var at = 0; at < code.Length; )
        {
            var value = code[at] is 0xFE ? BinaryPrimitives.ReadInt16BigEndian(code.AsSpan(at)) : code[at];
            var opCode = OpCodesByValue[value];
            at += opCode.Size;
            switch (opCode.OperandType)
            {
                case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType:
                    yield return BinaryPrimitives.ReadInt32LittleEndian(code.AsSpan(at));
                    at += 4;
                    break;
                case OperandType.InlineSwitch:
                    at += 4 + (4 * BinaryPrimitives.ReadInt32LittleEndian(code.AsSpan(at)));
                    break;
                case OperandType.InlineNone:
                    break;
                case OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar:
                    at += 1;
                    break;
                case OperandType.InlineVar:
                    at += 2;
                    break;
                case OperandType.InlineI8 or OperandType.InlineR:
                    at += 8;
                    break;
                default:
                    at += 4;
                    break;
            }
        }
    }

    private static IEnumerable<Type> InCode(MethodBase method, int token)
    {
        var ofType = method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null;
        var ofMethod = method.IsGenericMethod ? method.GetGenericArguments() : null;
        return method.Module.ResolveMember(token, ofType, ofMethod) switch
        {
            Type referred => [referred],
            FieldInfo field => [field.DeclaringType!, field.FieldType],
            MethodBase called => Signature(called)
                .Concat(called.IsGenericMethod ? called.GetGenericArguments() : [])
                .Append(called.DeclaringType!),
            _ => [],
        };
    }

    private static IEnumerable<Type> ConstraintsOf(Type argument) =>
        argument.IsGenericParameter ? argument.GetGenericParameterConstraints() : [];

    private static IEnumerable<Type> AttributesOf(ICustomAttributeProvider provider) =>
        (
            provider switch
            {
                MemberInfo member => member.GetCustomAttributesData(),
                ParameterInfo parameter => parameter.GetCustomAttributesData(),
                _ => [],
            }
        ).SelectMany(attribute =>
            attribute
                .ConstructorArguments.Concat(attribute.NamedArguments.Select(argument => argument.TypedValue))
                .Select(argument => argument.Value)
                .OfType<Type>()
                .Append(attribute.AttributeType)
        );

    /// <summary>The type itself, what it is an array or a reference of, and its generic arguments.</summary>
    private static IEnumerable<Type> Parts(Type type)
    {
        var inner =
            type.HasElementType ? [type.GetElementType()!]
            : type.IsGenericType ? type.GetGenericArguments()
            : [];
        return inner.SelectMany(Parts).Append(type);
    }
}

using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace TokenSessionSite.Pages;

/// <summary>Reads the names of form fields literally, without the syntax of jQuery (<c>a[b]</c>): a field name with an unclosed bracket
/// would cause an exception.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class PlainFormFieldsAttribute : Attribute, IResourceFilter
{
    public void OnResourceExecuting(ResourceExecutingContext context) =>
        context.ValueProviderFactories.RemoveType<JQueryFormValueProviderFactory>();

    public void OnResourceExecuted(ResourceExecutedContext context) { }
}

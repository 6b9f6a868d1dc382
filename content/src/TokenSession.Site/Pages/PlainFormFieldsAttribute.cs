using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace TokenSessionSite.Pages;

/// <summary>Reads the names of form fields as they are. The syntax of jQuery (<c>a[b]</c>) is off: a field name with an unclosed bracket
/// would be an exception.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class PlainFormFieldsAttribute : Attribute, IResourceFilter
{
    public void OnResourceExecuting(ResourceExecutingContext context) =>
        context.ValueProviderFactories.RemoveType<JQueryFormValueProviderFactory>();

    public void OnResourceExecuted(ResourceExecutedContext context) { }
}

//! Calls by name into interfaces that a browser may lack. What is not there is an error with its name, never a panic,
//! and each call costs the page some bytes where a binding costs some hundred.

use js_sys::{Array, Function, JSON, Object, Promise, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

/// The browser's words for what went wrong.
pub type Fault = String;

/// What a browser threw, in words.
pub fn words(thrown: &JsValue) -> Fault {
    get(thrown, "message").as_string().or_else(|| thrown.as_string()).unwrap_or_else(|| "refused".to_owned())
}

/// A property of the window, `undefined` if there is none.
pub fn global(name: &str) -> JsValue {
    get(&leptos::prelude::window(), name)
}

/// A property, `undefined` if there is none.
pub fn get(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// A value as JSON; of what has none, nothing.
pub fn json(value: &JsValue) -> String {
    // `undefined` comes for what has none, though no string.
    JSON::stringify(value).ok().and_then(|text| text.as_string()).unwrap_or_default()
}

/// Whether there is such a property.
pub fn has(of: &JsValue, name: &str) -> bool {
    !get(of, name).is_undefined()
}

/// Sets a property. What cannot be set stays as it is.
pub fn set(of: &JsValue, name: &str, value: impl Into<JsValue>) {
    let _ = Reflect::set(of, &name.into(), &value.into());
}

/// An object with these properties.
pub fn object(properties: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new().into();
    for (name, value) in properties {
        set(&object, name, value);
    }
    object
}

/// Calls a method.
pub fn call(of: &JsValue, name: &str, arguments: &[JsValue]) -> Result<JsValue, Fault> {
    let method: Function = get(of, name).dyn_into().map_err(|_| [name, " is not there"].concat())?;
    method.apply(of, &arguments.iter().collect::<Array>()).map_err(|thrown| words(&thrown))
}

/// Makes a new object of a class of the window.
pub fn construct(class: &str) -> Result<JsValue, Fault> {
    let class: Function = global(class).dyn_into().map_err(|_| [class, " is not there"].concat())?;
    Reflect::construct(&class, &Array::new()).map_err(|thrown| words(&thrown))
}

/// Waits for what a call promised. What is no promise is there at once.
pub async fn settled(promise: Result<JsValue, Fault>) -> Result<JsValue, Fault> {
    match promise?.dyn_into::<Promise>() {
        Ok(promise) => JsFuture::from(promise).await.map_err(|thrown| words(&thrown)),
        Err(value) => Ok(value),
    }
}

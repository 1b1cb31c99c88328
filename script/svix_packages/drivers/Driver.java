// Call any method of the Maven package com.svix:svix, as its caller says; see
// script/svix_packages/caller.py.

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.svix.Svix;
import com.svix.SvixOptions;
import com.svix.Utils;
import com.svix.Version;
import com.svix.exceptions.ApiException;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

public final class Driver {
    private record Call(Object target, Method method) {}

    private static final ObjectMapper JSON = Utils.getObjectMapper();

    private static String snake(String name) {
        return name.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toLowerCase();
    }

    private static boolean isOptions(Class<?> type) {
        return type.getName().startsWith("com.svix.api.") && type.getSimpleName().endsWith("Options");
    }

    /** Of the overloads of a method that with options, which is the longest. */
    private static void collect(Object target, String path, Map<String, Call> calls) throws Exception {
        for (Method method : target.getClass().getMethods()) {
            if (method.getDeclaringClass() != target.getClass() || Modifier.isStatic(method.getModifiers())) {
                continue;
            }
            boolean isPart = method.getName().startsWith("get") && method.getParameterCount() == 0
                    && method.getReturnType().getName().startsWith("com.svix.api.");
            if (isPart) {
                String name = method.getName().substring(3);
                collect(method.invoke(target), path + snake(name) + ".", calls);
            } else if (!path.isEmpty()) {
                String name = path + snake(method.getName());
                Call known = calls.get(name);
                if (known == null || known.method.getParameterCount() < method.getParameterCount()) {
                    calls.put(name, new Call(target, method));
                }
            }
        }
    }

    private static List<String> kinds(Method method) {
        List<String> names = new ArrayList<>();
        for (Class<?> type : method.getParameterTypes()) {
            if (!isOptions(type)) {
                names.add(type == String.class ? "text" : type.getSimpleName());
            }
        }
        return names;
    }

    /** A body or options, with the setters that a program would call. */
    private static Object filled(Class<?> type, JsonNode fields) throws Exception {
        Object object = type.getDeclaredConstructor().newInstance();
        for (Method method : type.getMethods()) {
            if (method.getName().startsWith("set") && method.getParameterCount() == 1) {
                String name = method.getName().substring(3);
                JsonNode field = fields.get(name.substring(0, 1).toLowerCase() + name.substring(1));
                if (field != null) {
                    JavaType wanted = JSON.constructType(method.getGenericParameterTypes()[0]);
                    // A payload is the text of a JSON document.
                    boolean isText = wanted.hasRawClass(String.class) && field.isContainerNode();
                    Object value = isText ? field.toString() : converted(field, wanted);
                    method.invoke(object, value);
                }
            }
        }
        return object;
    }

    private static Object converted(JsonNode field, JavaType wanted) throws Exception {
        if (!Modifier.isAbstract(wanted.getRawClass().getModifiers()) || !isBody(wanted)) {
            return JSON.convertValue(field, wanted);
        }
        // Any variant will do: it has no settings, and its kind is named by its class.
        for (Class<?> variant : wanted.getRawClass().getDeclaredClasses()) {
            for (Constructor<?> constructor : variant.getConstructors()) {
                if (constructor.getParameterCount() == 0) {
                    return constructor.newInstance();
                }
            }
        }
        return null;
    }

    private static boolean isBody(JavaType type) {
        return type.getRawClass().getName().startsWith("com.svix.models.");
    }

    private static Map<String, Object> call(Call call, JsonNode asked) throws Exception {
        Class<?>[] types = call.method.getParameterTypes();
        Object[] values = new Object[types.length];
        for (int i = 0; i < types.length; i++) {
            JsonNode given = isOptions(types[i]) ? asked.get("options") : asked.get("args").get(i);
            values[i] = types[i] == String.class ? given.asText() : filled(types[i], given);
        }
        Map<String, Object> response = new HashMap<>();
        try {
            JsonNode result = JSON.valueToTree(call.method.invoke(call.target, values));
            if (result instanceof ObjectNode fields && result.path("payload").isTextual()) {
                fields.set("payload", JSON.readTree(result.get("payload").asText()));
            }
            response.put("result", result);
        } catch (InvocationTargetException error) {
            if (error.getCause() instanceof ApiException refused) {
                response.put("status", refused.getCode());
                response.put("code", JSON.readTree(refused.getResponseBody()).path("code").asText());
            } else {
                response.put("failed", String.valueOf(error.getCause()));
            }
        }
        return response;
    }

    public static void main(String[] args) throws Exception {
        SvixOptions options = new SvixOptions();
        options.setServerUrl(System.getenv("CALLBOARD"));
        // There is no setter: three retries, without waits.
        options.getRetrySchedule().replaceAll(wait -> 0L);
        Map<String, Call> calls = new TreeMap<>();
        collect(new Svix(System.getenv("KEY"), options), "", calls);
        Map<String, List<String>> methods = new TreeMap<>();
        calls.forEach((name, call) -> methods.put(name, kinds(call.method)));
        System.out.println(JSON.writeValueAsString(Map.of("version", Version.VERSION, "methods", methods)));
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            JsonNode asked = JSON.readTree(line);
            System.out.println(JSON.writeValueAsString(call(calls.get(asked.get("method").asText()), asked)));
        }
    }
}
